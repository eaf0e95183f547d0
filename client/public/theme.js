// Applies the theme that the user chose. Without a choice the system's theme applies (see styles.css).
try {
  const theme = localStorage.getItem('runlight-theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be switched off. Then the system's theme applies.
}
