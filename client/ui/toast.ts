import type { ExternalToast } from 'sonner';

/** Shows a toast as soon as the code for toasts is there, which no page needs at first. */
const show = (kind: 'success' | 'info' | 'error') => (title: string, options?: ExternalToast) => {
  void import('sonner').then(({ toast }) => toast[kind](title, options));
};

/** Short messages in the corner of the window. */
export const toast = { success: show('success'), info: show('info'), error: show('error') };
