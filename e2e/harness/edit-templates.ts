import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Template } from '#local/cloudformation/template';
import type { PackagedService } from '#local/packaging/package-services';

/** A resource of a template; `Properties` may be changed. */
export interface EditableResource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
}

/**
 * The same services with their templates changed: what a test cannot wait for (15 minutes) or has to
 * arrange (an event that comes late) is set where an operator would set it.
 * @param folder where the changed copies go
 */
export function editTemplates(
  packages: readonly PackagedService[],
  folder: string,
  edit: (resource: EditableResource, logicalId: string) => void,
): PackagedService[] {
  return packages.map((service) => {
    const template = JSON.parse(readFileSync(service.templatePath, 'utf8')) as Template;
    const resources = template.Resources as unknown as Record<string, EditableResource>;
    for (const [logicalId, resource] of Object.entries(resources)) edit(resource, logicalId);
    const templatePath = join(folder, `${service.name}.json`);
    writeFileSync(templatePath, JSON.stringify(template));
    return { ...service, templatePath };
  });
}

/** For {@link editTemplates}: sets the timeout of the functions named, in seconds. */
export function setTimeouts(timeoutSeconds: Readonly<Record<string, number>>) {
  return ({ Type, Properties }: EditableResource): void => {
    if (Type !== 'AWS::Lambda::Function') return;
    const name = String(Properties.FunctionName).split('-').at(-1)!;
    if (timeoutSeconds[name] !== undefined) Properties.Timeout = timeoutSeconds[name];
  };
}
