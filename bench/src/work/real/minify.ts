import { minify } from 'terser';

/** The minified form of one ES module. */
export async function minifyModule(code: string): Promise<string> {
  const { code: minified } = await minify(code, { module: true });
  return minified ?? '';
}
