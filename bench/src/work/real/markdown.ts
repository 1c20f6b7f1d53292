import { marked } from 'marked';

/** A Markdown text as HTML. */
export function markdownToHtml(text: string): string {
  return marked.parse(text, { async: false });
}
