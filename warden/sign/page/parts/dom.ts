import type { Tree } from './tree';

/** The element itself. Text becomes text nodes: there is no way for it to become anything else. */
export function mount(tree: Tree): HTMLElement {
  const element = document.createElement(tree.tag);
  if (tree.class !== undefined) element.className = tree.class;
  for (const [name, value] of Object.entries(tree.attributes ?? {})) element.setAttribute(name, value);
  element.append(...tree.children.map((child) => (typeof child === 'string' ? child : mount(child))));
  return element;
}

/** Replaces what the page shows, and starts reading from its top. */
export function show(...parts: readonly (Tree | HTMLElement)[]): void {
  const main = document.querySelector('main');
  main?.replaceChildren(...parts.map((part) => (part instanceof HTMLElement ? part : mount(part))));
  main?.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

/** A button that does one thing at a time. */
export function button(name: string, label: string, act: () => void | Promise<void>): HTMLButtonElement {
  const element = document.createElement('button');
  element.type = 'button';
  element.className = name;
  element.textContent = label;
  element.addEventListener('click', () => void act());
  return element;
}

/** A line for what went wrong, read out when it changes. */
export function alertLine(): HTMLElement {
  const line = document.createElement('p');
  line.className = 'alert';
  line.setAttribute('role', 'alert');
  return line;
}
