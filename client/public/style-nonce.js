// The page's policy lets in the style elements that bear its nonce, and libraries that make some do not all know of it: each
// that is made gets it. A page that could make one without a script of ours does not exist.
{
  const { nonce } = document.currentScript;
  const createElement = document.createElement.bind(document);
  document.createElement = (name, options) => {
    const element = createElement(name, options);
    if (element instanceof HTMLStyleElement) element.nonce = nonce;
    return element;
  };
}
