import { parseArgs } from 'node:util';
import { packageServices } from '../packaging/package-services.ts';
import { PackagingError } from '../packaging/packaging-error.ts';

// npm run package [-- --force] [-- --stage <stage>]
const { values } = parseArgs({
  options: {
    force: { type: 'boolean', default: false },
    stage: { type: 'string', default: 'dev' },
  },
});

try {
  for (const { name, artifacts } of await packageServices(values)) {
    const sizes = artifacts.map(
      ({ functionName, sizeBytes }) => `${functionName} ${Math.ceil(sizeBytes / 1024)} KB`,
    );
    console.log(`${name.padEnd(10)} ${['template', ...sizes].join(', ')}`);
  }
} catch (error) {
  if (!(error instanceof PackagingError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
