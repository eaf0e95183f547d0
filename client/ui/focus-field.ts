/**
 * Moves the focus to the first field in `form` that is marked as wrong, and the field into the middle of the window. False if
 * there is none.
 */
export function focusFirstWrongField(form: Element | null | undefined): boolean {
  const wrong = form?.querySelector<HTMLElement>('[aria-invalid="true"], [data-invalid]');
  // A group of fields cannot be focused itself.
  const field = wrong?.hasAttribute('data-invalid')
    ? wrong.querySelector<HTMLElement>('input, [contenteditable="true"]')
    : wrong;
  field?.focus({ preventScroll: true });
  field?.scrollIntoView({ block: 'center' });
  return field != null;
}
