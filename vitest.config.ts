import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{shared,services,local,e2e}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/.serverless/**', '**/.splicebus/**'],
    testTimeout: 60_000,
    hookTimeout: 180_000,
    // Two cores: more workers only make the media tests fight for them.
    maxWorkers: 2,
  },
});
