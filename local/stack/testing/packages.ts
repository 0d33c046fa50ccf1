import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import type { Template } from '../../cloudformation/template.ts';
import type { PackagedService } from '../../packaging/package-services.ts';
import { sharedTemplate, workTemplate } from './templates.ts';

/** Two packaged services, as `serverless package` would leave them in `directory`. */
export function fixturePackages(
  directory: string,
  change: (work: Template) => Template = (work) => work,
): PackagedService[] {
  const handlers = readFileSync(new URL('./handlers.cjs', import.meta.url));
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'work.zip'), zipSync({ 'handlers.cjs': handlers }));
  const templates = { shared: sharedTemplate(), work: change(workTemplate()) };
  return Object.entries(templates).map(([name, template]) => {
    const templatePath = join(directory, `${name}.json`);
    writeFileSync(templatePath, JSON.stringify(template));
    return { name, directory, templatePath, artifacts: [] };
  });
}
