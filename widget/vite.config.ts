import { defineConfig } from 'vite';

// One file, served by the gateway at /patchline.js. It is committed, so that installing Patchline needs no Node.
export default defineConfig({
  publicDir: false,
  build: {
    target: ['chrome110', 'edge110', 'firefox110', 'safari16.4'],
    outDir: '../patchline/gateway/static',
    emptyOutDir: false,
    modulePreload: false,
    reportCompressedSize: false,
    rollupOptions: { input: 'src/main.ts', output: { entryFileNames: 'patchline.js' } },
  },
});
