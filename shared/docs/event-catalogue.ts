import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { GENERATED_FILES } from './generated.ts';

// npm run docs:events: writes the event catalogue from the schemas.

const repository = new URL('../../', import.meta.url);

for (const { path, make } of GENERATED_FILES) {
  const file = new URL(path, repository);
  writeFileSync(file, make(existsSync(file) ? readFileSync(file, 'utf8') : ''));
  console.log(`${path} is up to date.`);
}
