/** What the browser keeps of a page's small choices. A frame in another site's page may be refused that: then as long as
 *  the page is open. */

type Store = "localStorage" | "sessionStorage";

const here = new Map<string, string>();

export function kept(key: string, where: Store = "localStorage"): string | null {
  try {
    return globalThis[where].getItem(key);
  } catch {
    return here.get(key) ?? null;
  }
}

export function keep(key: string, value: string, where: Store = "localStorage"): void {
  try {
    globalThis[where].setItem(key, value);
  } catch {
    here.set(key, value);
  }
}
