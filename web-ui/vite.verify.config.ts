/** Builds the page that checks proofs: one file, which holds all that it needs and may ask nobody for anything. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const sourceOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Puts script and style into the page, and the digests of both into its policy, which allows nothing else. */
function inOneFile(): Plugin {
  return {
    name: 'in-one-file',
    generateBundle(_options, bundle) {
      const [file, chunk] = Object.entries(bundle)[0] ?? [];
      if (!file || chunk?.type !== 'chunk') throw new Error('the page has no script');
      delete bundle[file];
      const script = chunk.code.replaceAll('</script', '<\\/script');
      const style = readFileSync(at('./src/verify/verify.css'), 'utf8');
      const policy = `default-src 'none'; script-src ${sourceOf(script)}; style-src ${sourceOf(style)}`;
      const parts: Record<string, string> = { POLICY: policy, STYLE: style, SCRIPT: script };
      const page = readFileSync(at('./src/verify/verify.html'), 'utf8');
      this.emitFile({
        type: 'asset',
        fileName: 'verify.html',
        source: page.replace(
          /(?:\/\*)?%([A-Z]+)%(?:\*\/)?/g,
          (_, part: string) => parts[part] ?? '',
        ),
      });
    },
  };
}

export default defineConfig({
  publicDir: false,
  plugins: [inOneFile()],
  build: {
    target: 'es2022',
    emptyOutDir: false,
    rollupOptions: {
      input: at('./src/verify/page.ts'),
      output: { format: 'iife' },
    },
  },
});
