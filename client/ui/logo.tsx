/** The mark: a lamp that is also a "run" button. */
export function Logo() {
  return (
    <svg aria-hidden viewBox="0 0 32 32" className="size-7">
      <rect width="32" height="32" rx="8" className="fill-mark" />
      <path d="M11 9v14l11.5-7z" fill="#ffc53d" stroke="#ffc53d" strokeWidth="2.5" strokeLinejoin="round" />
    </svg>
  );
}
