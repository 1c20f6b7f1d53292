import { type Options, parse } from 'acorn';

const OPTIONS: Options = { ecmaVersion: 'latest', allowHashBang: true };

/** Whether a text is JavaScript: a module, or a script of Node's, which may return. */
export function parses(code: string): boolean {
  return (
    isParsed(code, { ...OPTIONS, sourceType: 'module' }) ||
    isParsed(code, { ...OPTIONS, sourceType: 'script', allowReturnOutsideFunction: true })
  );
}

function isParsed(code: string, options: Options): boolean {
  try {
    parse(code, options);
    return true;
  } catch {
    return false;
  }
}
