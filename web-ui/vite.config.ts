import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const server = process.env.COUNTERSIGN_SERVER ?? 'http://127.0.0.1:8080';

const CODECS = [
  'codec-charls/decodewasmjs',
  'codec-libjpeg-turbo-8bit/decodewasmjs',
  'codec-libjxl/decodewasmjs',
  'codec-openjpeg/decodewasmjs',
  'codec-openjph/wasmjs',
].map((path) => `@cornerstonejs/dicom-image-loader > @cornerstonejs/${path}`);

export default defineConfig({
  plugins: [react()],
  resolve: {
    alias: { xmlbuilder2: fileURLToPath(new URL('./stubs/xmlbuilder2.ts', import.meta.url)) },
  },
  // Cornerstone starts its decoder as a module worker.
  worker: { format: 'es' },
  // Vite's pre-bundling loses the worker and the wasm files beside the loader's sources; the scripts
  // of its codecs are CommonJS and need it.
  optimizeDeps: {
    exclude: ['@cornerstonejs/dicom-image-loader'],
    include: [
      'dicom-parser',
      '@cornerstonejs/dicom-image-loader > pako',
      '@cornerstonejs/dicom-image-loader > comlink',
      ...CODECS,
    ],
  },
  build: { target: 'es2022', chunkSizeWarningLimit: 4000 },
  server: {
    proxy: {
      '/graphql': { target: server, ws: true },
      '/dicom-web': { target: server },
      '/ledger/': { target: server },
    },
  },
});
