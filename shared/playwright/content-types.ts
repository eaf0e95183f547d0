/** Extensions by which the type of a file is known, the usual one of each type first. */
const extensions: Record<string, string[]> = {
  'application/gzip': ['.gz'],
  'application/json': ['.json'],
  'application/pdf': ['.pdf'],
  'application/xml': ['.xml'],
  'application/zip': ['.zip'],
  'image/gif': ['.gif'],
  'image/jpeg': ['.jpg', '.jpeg'],
  'image/png': ['.png'],
  'image/svg+xml': ['.svg'],
  'image/webp': ['.webp'],
  'text/css': ['.css'],
  'text/csv': ['.csv'],
  'text/html': ['.html', '.htm'],
  'text/markdown': ['.md'],
  'text/plain': ['.txt', '.log', '.ts', '.yml', '.yaml'],
  'text/xml': ['.xml'],
  'video/mp4': ['.mp4'],
  'video/webm': ['.webm'],
};

const types = new Map(Object.entries(extensions).flatMap(([type, all]) => all.map((extension) => [extension, type])));
const unknownType = 'application/octet-stream';

/** The type of a file, by its name. */
export function contentTypeOf(name: string): string {
  return types.get(extensionOf(name)) ?? unknownType;
}

/** Types of files that may be text, and are searched for secrets. */
export const maybeText = /^text\b|json|xml|octet-stream/;

/** The extension of a file with this name and content type. The type counts if the name says another one. */
export function extensionFor(name: string, contentType: string): string {
  const own = extensionOf(name);
  const known = extensions[contentType.split(';')[0]!.trim().toLowerCase()];
  if (known) return known.includes(own) ? own : known[0]!;
  return own === '' || types.has(own) ? '.bin' : own;
}

/** Whether it is a picture, a video or a document, which people write to look at. */
export function isForPeople(name: string): boolean {
  return /^(image|video)\/|\/pdf$/.test(contentTypeOf(name));
}

function extensionOf(name: string): string {
  return /\.[a-z0-9]{1,8}$/.exec(name.toLowerCase())?.[0] ?? '';
}
