/** Whether the page around this one, if there is one, leaves it the microphone; browsers that do not tell find out by
 *  asking for it. */
export function microphoneLeft(): boolean {
  type Policed = { featurePolicy?: { allowsFeature(name: string): boolean } };
  return (globalThis.document as Policed | undefined)?.featurePolicy?.allowsFeature("microphone") ?? true;
}
