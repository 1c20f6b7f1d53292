/** What an element is made with: attributes, and the few properties that are none. Text is text: nothing is ever read as HTML. */
export interface Props {
  readonly class?: string;
  readonly text?: string;
  readonly on?: Readonly<Record<string, (event: Event) => void>>;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Makes an element. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  { class: className, text, on = {}, attributes = {} }: Props = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className !== undefined) element.className = className;
  if (text !== undefined) element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  for (const [name, listener] of Object.entries(on)) element.addEventListener(name, listener);
  element.append(...children);
  return element;
}

/** Makes an element of a picture. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | number>> = {},
  ...children: readonly Node[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** Writes a text, if it is another one. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** The element of an id, which is in the page. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

/** How the entries of a list become elements. */
export interface Rows<T, E extends Element> {
  readonly keyOf: (item: T) => string;
  readonly create: (item: T) => E;
  readonly update: (element: E, item: T) => void;
}

/** Shows a list in an element, and keeps what is there: focus and selection stay where they are. */
export class KeyedList<T, E extends Element> {
  readonly #parent: Element;
  readonly #rows: Rows<T, E>;
  readonly #elements = new Map<string, E>();

  constructor(parent: Element, rows: Rows<T, E>) {
    this.#parent = parent;
    this.#rows = rows;
  }

  show(items: readonly T[]): void {
    const gone = new Set(this.#elements.keys());
    let at: Element | null = this.#parent.firstElementChild;
    for (const item of items) {
      const key = this.#rows.keyOf(item);
      gone.delete(key);
      const known = this.#elements.get(key);
      const element = known ?? this.#rows.create(item);
      this.#elements.set(key, element);
      this.#rows.update(element, item);
      if (element === at) at = at.nextElementSibling;
      else this.#parent.insertBefore(element, at);
    }
    for (const key of gone) {
      this.#elements.get(key)?.remove();
      this.#elements.delete(key);
    }
  }
}
