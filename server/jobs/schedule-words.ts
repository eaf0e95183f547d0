import { CronExpressionParser } from 'cron-parser';
import cronstrue from 'cronstrue';

/** Lists longer than this are no help to a reader. */
const longestList = 16;

/**
 * A valid schedule in words that match its times, such as `Every weekday at 07:00`; the expression itself where there are no
 * such words.
 */
export function describeSchedule(schedule: string): string {
  if (schedule.startsWith('@')) return inWords(CronExpressionParser.parse(schedule).stringify()) ?? schedule;
  const fields = spellOut(schedule);
  if (!fields) return schedule;
  const [dayOfMonth, dayOfWeek] = [fields.at(-3)!, fields.at(-1)!];
  const isEither = !/^[*?]$/.test(dayOfMonth) && !/^[*?]$/.test(dayOfWeek);
  return (isEither ? eitherDay(fields) : inWords(fields.join(' '))) ?? schedule;
}

function inWords(schedule: string): string | undefined {
  try {
    return cronstrue
      .toString(schedule, { use24HourTimeFormat: true })
      .replace(/^At ([\d:]+(?: and [\d:]+)?)$/, 'Every day at $1')
      .replace(/^At ([\d:]+(?: and [\d:]+)?), Monday through Friday$/, 'Every weekday at $1')
      .replace(/^At ([\d:]+(?: and [\d:]+)?), only on (\w+)$/, 'Every $2 at $1');
  } catch {
    return undefined;
  }
}

/** With a day of the month and a day of the week, cron means either; cronstrue says both. */
function eitherDay(fields: readonly string[]): string | undefined {
  const time = fields.slice(0, -3);
  const [, month] = fields.slice(-3);
  const toWords = (dayOfMonth: string, dayOfWeek: string) => {
    try {
      return cronstrue.toString([...time, dayOfMonth, month, dayOfWeek].join(' '), { use24HourTimeFormat: true });
    } catch {
      return undefined;
    }
  };
  const [always, byMonth, byWeek] = [toWords('*', '*'), toWords(fields.at(-3)!, '*'), toWords('*', fields.at(-1)!)];
  // What both have in common comes first: the time, and the months after the days.
  if (!always || !byMonth || !byWeek || month !== '*') return undefined;
  if (!byMonth.startsWith(`${always}, `) || !byWeek.startsWith(`${always}, `)) return undefined;
  const weekday = byWeek.slice(always.length + 2).replace(/^only on /, 'on any ');
  return `${byMonth}, or ${weekday}`;
}

/** How many values a field has, from the right: day of the week, month, day of the month, hour, minute, second. */
const sizes = [7, 12, 31, 24, 60, 60];

/**
 * The fields, with steps that do not come out even as lists: a step of 7 minutes is followed by one of 4 at the end of the
 * hour, so "every 7 minutes" would be wrong. Undefined where a list is too long.
 */
function spellOut(schedule: string): string[] | undefined {
  const fields = schedule.trim().split(/\s+/);
  const values = valuesOf(schedule);
  const spelled = fields.map((field, index) => {
    const fromRight = fields.length - 1 - index;
    const size = sizes[fromRight]!;
    const [, step] = /^(?:\*|\d+)\/(\d+)$/.exec(field) ?? [];
    const isDayOfMonth = fromRight === 2;
    if (step === undefined || Number(step) === 1) return step === undefined ? field : field.replace(/\/1$/, '');
    if (size % Number(step) === 0 && !isDayOfMonth) return field;
    return values.at(-1 - fromRight)!.join(',');
  });
  return spelled.some((field) => field.split(',').length > longestList) ? undefined : spelled;
}

/** The values of each field, as the parser reads it. */
function valuesOf(schedule: string): (readonly (string | number)[])[] {
  const { second, minute, hour, dayOfMonth, month, dayOfWeek } = CronExpressionParser.parse(schedule).fields;
  return [second, minute, hour, dayOfMonth, month, dayOfWeek].map(({ values }) => values);
}
