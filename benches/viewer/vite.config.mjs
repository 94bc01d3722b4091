// Builds the bare page with the packages and the Vite of web-ui: `vite build --config benches/viewer/vite.config.mjs`.
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export default {
  root: here('bare'),
  base: './',
  resolve: {
    alias: {
      '@cornerstonejs/core': here('../../web-ui/node_modules/@cornerstonejs/core'),
      '@cornerstonejs/dicom-image-loader': here(
        '../../web-ui/node_modules/@cornerstonejs/dicom-image-loader',
      ),
      xmlbuilder2: here('../../web-ui/stubs/xmlbuilder2.ts'),
    },
  },
  worker: { format: 'es' },
  build: { target: 'es2022', emptyOutDir: true, chunkSizeWarningLimit: 4000 },
};
