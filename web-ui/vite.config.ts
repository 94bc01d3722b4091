import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const server = process.env.COUNTERSIGN_SERVER ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  resolve: {
    alias: { xmlbuilder2: fileURLToPath(new URL('./stubs/xmlbuilder2.ts', import.meta.url)) },
  },
  // Cornerstone starts its decoder as a module worker.
  worker: { format: 'es' },
  // Vite's pre-bundling loses the worker and the wasm files beside the loader's sources.
  optimizeDeps: { exclude: ['@cornerstonejs/dicom-image-loader'], include: ['dicom-parser'] },
  build: { target: 'es2022', chunkSizeWarningLimit: 4000 },
  server: {
    proxy: {
      '/graphql': { target: server, ws: true },
      '/dicom-web': { target: server },
    },
  },
});
