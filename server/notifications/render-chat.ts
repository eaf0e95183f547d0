import { type Description, nameOfFailure } from './describe.ts';

/** Longest text of a block in Slack. */
const mostSlackChars = 2_900;

const marks = { good: '🟢', bad: '🔴', neutral: '⚪' };

/** https://docs.slack.dev/messaging/formatting-message-text#escaping */
function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The body for an incoming webhook of Slack. */
export function toSlackMessage({ tone, title, summary, failures, more, facts, url }: Description): object {
  const link = (address: string, text: string) => `<${address}|${escapeSlack(text).replaceAll('|', '∣')}>`;
  const section = (text: string) => ({
    type: 'section',
    text: { type: 'mrkdwn', text: text.slice(0, mostSlackChars) },
  });
  const lines: string[] = [];
  let chars = 0;
  for (const failure of failures) {
    const error = failure.error ? `\n    ${escapeSlack(failure.error.slice(0, 200))}` : '';
    const line = `• ${failure.isNew ? '*new* ' : ''}${link(failure.url, nameOfFailure(failure).slice(0, 200))}${error}`;
    chars += line.length + 1;
    if (chars > mostSlackChars - 50) break;
    lines.push(line);
  }
  const left = more + failures.length - lines.length;
  if (left > 0) lines.push(`and ${left} more`);
  const headline = url === null ? `*${escapeSlack(title)}*` : `*${link(url, title)}*`;
  return {
    text: `${marks[tone]} ${escapeSlack(title)}`,
    blocks: [
      section(`${marks[tone]} ${headline}\n${escapeSlack(summary)}`),
      ...(lines.length > 0 ? [section(lines.join('\n'))] : []),
      ...(facts.length > 0
        ? [
            {
              type: 'context',
              elements: [
                {
                  type: 'plain_text',
                  text: facts
                    .map(({ name, value }) => `${name}: ${value}`)
                    .join('  ·  ')
                    .slice(0, 2_000),
                },
              ],
            },
          ]
        : []),
    ],
  };
}

/** Text blocks of cards know a little Markdown. */
function escapeCard(text: string): string {
  return text.replaceAll(/[\\[\]()*_#>`~|-]/g, '\\$&');
}

/** The body for a workflow of Microsoft Teams that starts with a webhook: an Adaptive Card. */
export function toTeamsMessage({ tone, title, summary, failures, more, facts, url }: Description): object {
  const colors = { good: 'Good', bad: 'Attention', neutral: 'Default' };
  const block = (text: string, style: object = {}) => ({ type: 'TextBlock', text, wrap: true, ...style });
  const shown = failures.slice(0, 10);
  const left = more + failures.length - shown.length;
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            block(escapeCard(title), { size: 'Large', weight: 'Bolder', color: colors[tone] }),
            ...(summary ? [block(escapeCard(summary))] : []),
            ...shown.map((failure) =>
              block(
                `${failure.isNew ? '**new** ' : ''}[${escapeCard(nameOfFailure(failure).slice(0, 200))}](${failure.url})` +
                  (failure.error ? `\n\n${escapeCard(failure.error.slice(0, 200))}` : ''),
                { spacing: 'Small' },
              ),
            ),
            ...(left > 0 ? [block(`and ${left} more`, { isSubtle: true })] : []),
            ...(facts.length > 0
              ? [
                  {
                    type: 'FactSet',
                    facts: facts.map(({ name, value }) => ({ title: name, value: escapeCard(value) })),
                  },
                ]
              : []),
          ],
          ...(url !== null && { actions: [{ type: 'Action.OpenUrl', title: 'Open in Runlight', url }] }),
        },
      },
    ],
  };
}
