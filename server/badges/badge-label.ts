const mostChars = 60;

/** The left half of a badge. */
export function labelOf(name: string, branch: string | null): string {
  const label = branch === null ? name : `${name} (${branch})`;
  return label.length > mostChars ? `${label.slice(0, mostChars - 1).trimEnd()}…`.toWellFormed() : label;
}
