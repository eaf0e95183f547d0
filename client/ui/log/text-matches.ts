export interface TextRange {
  start: number;
  end: number;
}

/** Where `wanted` stands in a text, in any letter case. */
export function matchesIn(text: string, wanted: string): TextRange[] {
  const matches: TextRange[] = [];
  if (wanted === '') return matches;
  const lower = text.toLowerCase();
  const needle = wanted.toLowerCase();
  // Some letters get longer with their case.
  const offsets = lower.length === text.length ? undefined : lowerCaseOffsets(text);
  const original = (offset: number) => offsets?.[offset] ?? offset;
  for (let at = lower.indexOf(needle); at !== -1; at = lower.indexOf(needle, at + needle.length)) {
    matches.push({ start: original(at), end: offsets ? original(at + needle.length - 1) + 1 : at + needle.length });
  }
  return matches;
}

/** For each UTF-16 unit of the text in lower case, the unit from which it comes. */
function lowerCaseOffsets(text: string): number[] {
  const offsets: number[] = [];
  let at = 0;
  for (const letter of text) {
    const grown = letter.toLowerCase().length > letter.length;
    for (let unit = 0; unit < letter.toLowerCase().length; unit += 1) offsets.push(grown ? at : at + unit);
    at += letter.length;
  }
  return offsets;
}
