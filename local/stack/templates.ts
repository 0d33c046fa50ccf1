import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadStacks } from '../cloudformation/load-stacks.ts';
import { ignoredReason } from '../cloudformation/resource-types.ts';
import type { LoadedStack, StackEnvironment } from '../cloudformation/template.ts';
import { extractArtifact } from '../packaging/extract-artifact.ts';
import type { PackagedService } from '../packaging/package-services.ts';
import { BootError } from './boot-error.ts';
import type { IgnoredResource } from './options.ts';
import type { CodeDirectory } from './resources/functions.ts';

/** The stack that all others import from; it is always loaded. */
const SHARED = 'shared';

/** Those of the packaged services that are asked for. */
export function selectServices(
  packages: readonly PackagedService[],
  names: readonly string[] | undefined,
): PackagedService[] {
  const unknown = names?.find((name) => !packages.some((service) => service.name === name));
  if (unknown !== undefined) {
    throw new BootError(
      'UnresolvedReference',
      `There is no service ${unknown}. There are: ${packages.map(({ name }) => name).join(', ')}.`,
    );
  }
  return packages.filter(({ name }) => name === SHARED || !names || names.includes(name));
}

/** Reads and evaluates the templates of packaged services. */
export async function loadPackages(
  packages: readonly PackagedService[],
  stage: string,
  environment: StackEnvironment,
): Promise<LoadedStack[]> {
  const sources = packages.map(async ({ name, templatePath }) => ({
    name: stackName(name, stage),
    template: JSON.parse(await readFile(templatePath, 'utf8')),
  }));
  return loadStacks(await Promise.all(sources), environment);
}

/** Unpacks artifacts from where `serverless package` left them to `parent`. */
export function codeDirectoryOf(
  packages: readonly PackagedService[],
  stage: string,
  parent: string,
): CodeDirectory {
  const directories = new Map(
    packages.map(({ name, directory }) => [stackName(name, stage), directory]),
  );
  return (stack, artifact) => extractArtifact(join(directories.get(stack) ?? '', artifact), parent);
}

/** What the stack leaves out, so that it can say so. */
export function ignoredResources(stacks: readonly LoadedStack[]): IgnoredResource[] {
  return stacks
    .flatMap(({ resources }) => resources)
    .flatMap(({ stackName, logicalId, type }) => {
      const reason = ignoredReason(type);
      return reason ? [{ resource: `${stackName}.${logicalId}`, type, reason }] : [];
    });
}

/** As `serverless.yml` names the stack: service `splicebus-<name>`, then the stage. */
function stackName(name: string, stage: string): string {
  return `splicebus-${name}-${stage}`;
}
