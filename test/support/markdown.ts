/** A fenced block: ```` ```js file=main.mjs ````. */
export interface Block {
  readonly language: string;
  /** What follows the language, `key=value`. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
}

/** The fenced blocks of a document, in order. */
export function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\S*)(.*)\n([\s\S]*?)^```$/gm)].map(([, language = '', rest = '', text = '']) => ({
    language,
    attributes: Object.fromEntries([...rest.matchAll(/(\w+)=(\S+)/g)].map(([, key = '', value = '']) => [key, value])),
    text,
  }));
}

/** The commands of a console block (`$ …`), each with the output shown below it. */
export function commandsOf(text: string): { readonly command: string; readonly output: string }[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const end = part.indexOf('\n');
      return { command: part.slice(0, end), output: part.slice(end + 1) };
    });
}

/** Whether a text is as shown; `…` in what is shown stands for anything. */
export function matches(text: string, shown: string): boolean {
  // A `…` of the program's own is matched by it as well.
  const pattern = shown.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${pattern.join('[\\s\\S]*')}$`).test(text);
}
