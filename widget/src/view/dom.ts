import type { Link } from '../contract';

type Value = string | boolean | null | undefined | ((event: Event) => void);

/** An element. A function is a listener for the event of that name; false, null and undefined leave the attribute out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, Value> = {},
  ...children: (Node | string | null | undefined)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (typeof value === 'string') element.setAttribute(name, value);
    else if (value) element.setAttribute(name, '');
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

const PATHS = {
  phone: 'M6 3h3l2 5-2.5 1.5a11 11 0 0 0 6 6L16 13l5 2v3a2 2 0 0 1-2 2A16 16 0 0 1 4 5a2 2 0 0 1 2-2',
  chat: 'M4 5h16v11H9l-5 4zM8 9h8M8 12h5',
  close: 'M6 6l12 12M18 6 6 18',
  more: 'M5 11v2M12 11v2M19 11v2',
  warning: 'M12 4 2.5 20h19zM12 10v5M12 18h.01',
  check: 'M5 13l4 4L19 7',
  right: 'M9 6l6 6-6 6',
  down: 'M12 5v14M6 13l6 6 6-6',
  person: 'M12 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8M4 21a8 8 0 0 1 16 0',
};
const SVG = 'http://www.w3.org/2000/svg';

/** A drawing that says nothing by itself: words stand beside it or in the name of its button. */
export function icon(name: keyof typeof PATHS): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}

const isCall = (href: string): boolean => /^tel:/i.test(href);

/** Links of the server that are safe to follow; anything else, `javascript:` for one, is left out. */
export const safe = (links: Link[]): Link[] => links.filter(({ href }) => /^(https|tel|mailto):/i.test(href));

/** A link as a button; `text` when there is no room for the whole title. */
export function linkButton({ title, href }: Link, text = title, css = ''): HTMLElement {
  const attributes = { class: `button ${css}`, href, rel: 'noreferrer', 'aria-label': text === title ? null : title };
  return h('a', attributes, isCall(href) ? icon('phone') : null, h('span', {}, text));
}

/** "Call 911 (emergency number)" -> "Call 911", for where there is little room. */
export const short = ({ title }: Link): string => title.replace(/ \([^()]*\)$/, '');

/** Links or buttons as a list; null for none. */
export const list = (items: Node[]): HTMLElement | null =>
  items.length ? h('ul', { class: 'links' }, ...items.map((item) => h('li', {}, item))) : null;
