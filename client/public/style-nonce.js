// The content security policy allows only style elements with the page's nonce, and some libraries create style elements
// without it. So every style element that a script creates gets the nonce.
{
  const { nonce } = document.currentScript;
  const createElement = document.createElement.bind(document);
  document.createElement = (name, options) => {
    const element = createElement(name, options);
    if (element instanceof HTMLStyleElement) element.nonce = nonce;
    return element;
  };
}
