/** A badge on a page elsewhere. `image` and `page` are whole addresses; `page` is what the picture leads to. */
export interface BadgeUse {
  label: string;
  image: string;
  page: string;
}

/** The texts that show a badge, by their names. */
export const badgeSnippets = {
  Markdown: ({ label, image, page }: BadgeUse) =>
    `[![${label.replaceAll(/[\\`*_[\]<>#|!]/g, '\\$&')}](${image})](${page})`,
  HTML: ({ label, image, page }: BadgeUse) =>
    `<a href="${escapeHtml(page)}"><img alt="${escapeHtml(label)}" src="${escapeHtml(image)}"></a>`,
  URL: ({ image }: BadgeUse) => image,
};
export type SnippetKind = keyof typeof badgeSnippets;

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escapeHtml = (text: string) => text.replaceAll(/[&<>"]/g, (character) => entities[character]!);
