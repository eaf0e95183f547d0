/** Lines end as in editors and terminals of any system: with LF, CR LF or CR. */
const lineEnd = /\r\n?|\n/;

/** The lines of a text, without their ends. */
export const splitLines = (text: string): string[] => text.split(lineEnd);

/** The end of each line but the last. */
export const lineEndsOf = (text: string): string[] => text.match(new RegExp(lineEnd, 'g')) ?? [];

/** Whether two texts are the same but for how their lines end. */
export const hasSameLines = (a: string, b: string): boolean =>
  a === b || (a.includes('\r') || b.includes('\r') ? splitLines(a).join('\n') === splitLines(b).join('\n') : false);
