import { type Description, nameOfFailure } from './describe.ts';

export interface Email {
  subject: string;
  text: string;
  html: string;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** A message as plain text and as simple HTML, which says the same. */
export function toEmail({ title, summary, failures, more, facts, url }: Description, ruleName: string): Email {
  const left = more > 0 ? [`and ${more} more`] : [];
  const why = `The rule “${ruleName}” in Runlight sends this.`;
  const text = [
    title,
    summary,
    '',
    ...failures.flatMap((failure) => [
      `- ${failure.isNew ? 'new: ' : ''}${nameOfFailure(failure)}`,
      ...(failure.error ? [`  ${failure.error}`] : []),
      `  ${failure.url}`,
    ]),
    ...left,
    '',
    ...facts.map(({ name, value }) => `${name}: ${value}`),
    ...(url === null ? [] : ['', url]),
    '',
    why,
  ];
  const heading = escapeHtml(title);
  const html = [
    `<h2>${url === null ? heading : `<a href="${escapeHtml(url)}">${heading}</a>`}</h2>`,
    `<p>${escapeHtml(summary)}</p>`,
    ...(failures.length > 0
      ? [
          '<ul>',
          ...failures.map(
            (failure) =>
              `<li>${failure.isNew ? '<b>new</b> ' : ''}<a href="${escapeHtml(failure.url)}">${escapeHtml(nameOfFailure(failure))}</a>${failure.error ? `<br><code>${escapeHtml(failure.error)}</code>` : ''}</li>`,
          ),
          '</ul>',
        ]
      : []),
    ...left.map((line) => `<p>${line}</p>`),
    ...(facts.length > 0
      ? [`<p>${facts.map(({ name, value }) => `${name}: ${escapeHtml(value)}`).join('<br>')}</p>`]
      : []),
    `<p><small>${escapeHtml(why)}</small></p>`,
  ];
  return { subject: title, text: text.join('\n'), html: html.join('\n') };
}
