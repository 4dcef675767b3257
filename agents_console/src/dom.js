// @ts-check
/** Building elements, and keeping a list of them in step with a list of values. */

/** @typedef {Node | string | null | undefined | false} Child */

/** An element; `on…` properties listen, the others are attributes (false and undefined are left out).
 *  @template {keyof HTMLElementTagNameMap} T
 *  @param {T} tag
 *  @param {Record<string, unknown>} [properties]
 *  @param {...(Child | Child[])} children
 *  @returns {HTMLElementTagNameMap[T]} */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on") && typeof value === "function") {
      element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    } else if (value !== undefined && value !== null && value !== false) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  for (const child of children.flat()) if (child) element.append(child);
  return element;
}

/** @type {WeakMap<Element, {key: string, value: unknown}>} */
const shown = new WeakMap();

/** Make the children of `parent` show `values`, touching only those that differ. `sign` answers what a child
 *  depends on: as long as it is the same, the element stays.
 *  @template V
 *  @param {Element} parent
 *  @param {V[]} values
 *  @param {(value: V) => string} key
 *  @param {(value: V) => unknown} sign
 *  @param {(value: V) => Element} build */
export function sync(parent, values, key, sign, build) {
  /** @type {Map<string, Element>} */
  const old = new Map();
  for (const child of parent.children) {
    const known = shown.get(child);
    if (known) old.set(known.key, child);
  }
  let place = parent.firstElementChild;
  for (const value of values) {
    const id = key(value);
    const depends = sign(value);
    let element = old.get(id);
    old.delete(id);
    if (!element || shown.get(element)?.value !== depends) {
      const fresh = build(value);
      shown.set(fresh, { key: id, value: depends });
      if (element) {
        if (place === element) place = fresh;
        element.replaceWith(fresh);
      }
      element = fresh;
    }
    if (place === element) place = element.nextElementSibling;
    else parent.insertBefore(element, place);
  }
  for (const element of old.values()) element.remove();
}

/** A time that ticks (clock.tick).
 *  @param {{since?: string | null, until?: string | null, lateMs?: number, title?: string}} what */
export function timer({ since, until, lateMs, title }) {
  return h("time", { class: "timer", "data-since": since, "data-until": until, "data-late-ms": lateMs, title });
}
