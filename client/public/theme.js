// Applies the theme that the user chose; without a choice the system decides (see styles.css).
try {
  const theme = localStorage.getItem('runlight-theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be switched off; the system's theme is then the right one.
}
