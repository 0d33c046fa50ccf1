import { BootError } from '../stack/boot-error.ts';
import { evaluateCondition } from './conditions.ts';
import { evaluate, noValue, type Scope } from './intrinsics.ts';
import { resolveParameter } from './parameters.ts';
import { identifyResource } from './resource-types.ts';
import type {
  LoadedResource,
  LoadedStack,
  StackEnvironment,
  Template,
  TemplateObject,
  TemplateValue,
} from './template.ts';

export interface StackSource {
  /** The stack's name, `AWS::StackName`. */
  readonly name: string;
  readonly template: Template;
  /** Values for its parameters, over their defaults. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/**
 * Evaluates one template. A resource is evaluated when the first reference to it is met, which
 * yields the dependency order without ever building a graph.
 * @param importValue Finds another stack's export; throws when there is none.
 * @throws BootError with the logical id in the message
 */
export function loadStack(
  source: StackSource,
  environment: StackEnvironment,
  importValue: (exportName: string, where: string) => string,
): LoadedStack {
  const { name: stackName, template } = source;
  if (template.Transform !== undefined) {
    throw new BootError('InvalidTemplate', `${stackName}: templates with a Transform need AWS.`);
  }
  const loaded = new Map<string, LoadedResource>();
  const inProgress = new Set<string>();
  const pseudoParameters: Readonly<Record<string, TemplateValue>> = {
    'AWS::AccountId': environment.accountId,
    'AWS::NoValue': noValue,
    'AWS::NotificationARNs': [],
    'AWS::Partition': 'aws',
    'AWS::Region': environment.region,
    'AWS::StackId': `arn:aws:cloudformation:${environment.region}:${environment.accountId}:stack/${stackName}/local`,
    'AWS::StackName': stackName,
    'AWS::URLSuffix': 'amazonaws.com',
  };

  const scopeAt = (logicalId: string): Scope => {
    const where = `${stackName}.${logicalId}`;
    return {
      where,
      mappings: template.Mappings ?? {},
      ref(name) {
        if (Object.hasOwn(pseudoParameters, name)) return pseudoParameters[name] as TemplateValue;
        const parameter = own(template.Parameters, name);
        if (parameter) {
          const given = source.parameters?.[name];
          return resolveParameter(`${stackName}.${name}`, parameter, given, ssmParameter);
        }
        return resource(name, where).ref;
      },
      getAtt(name, attribute) {
        const value = own(resource(name, where).attributes, attribute);
        if (value !== undefined) return value;
        throw new BootError(
          'UnresolvedReference',
          `${where}: the embedded stack knows no attribute ${attribute} of ${name}.`,
        );
      },
      importValue: (exportName) => importValue(exportName, where),
      condition(name) {
        const expression = own(template.Conditions, name);
        if (expression !== undefined) return evaluateCondition(expression, scopeAt(name));
        throw new BootError('UnresolvedReference', `${where}: there is no condition ${name}.`);
      },
      ssmParameter,
    };

    function ssmParameter(name: string): string {
      const value = own(environment.ssmParameters, name);
      if (value !== undefined) return value;
      throw new BootError(
        'MissingParameter',
        `${where}: no value for the SSM parameter ${name}. Give one to the stack's ssmParameters.`,
      );
    }
  };

  function resource(logicalId: string, referrer: string): LoadedResource {
    const done = loaded.get(logicalId);
    if (done) return done;
    const definition = own(template.Resources, logicalId);
    if (!definition || !exists(definition.Condition, logicalId)) {
      throw new BootError('UnresolvedReference', `${referrer}: there is no ${logicalId}.`);
    }
    if (inProgress.has(logicalId)) {
      const cycle = [...inProgress, logicalId].slice([...inProgress].indexOf(logicalId));
      throw new BootError('CircularReference', `${stackName}: ${cycle.join(' → ')} is a circle.`);
    }
    inProgress.add(logicalId);
    const scope = scopeAt(logicalId);
    for (const dependency of [definition.DependsOn ?? []].flat()) {
      const target = own(template.Resources, dependency);
      if (target && !exists(target.Condition, dependency)) continue;
      resource(dependency, scope.where);
    }
    const properties = evaluate(definition.Properties ?? {}, scope) as TemplateObject;
    const identity = identifyResource(definition.Type, {
      properties,
      generated: `${stackName}-${logicalId}`,
      environment,
    });
    if (!identity) {
      throw new BootError(
        'UnsupportedResource',
        `${scope.where}: the embedded stack does not know the resource type ${definition.Type}.`,
      );
    }
    const result = { stackName, logicalId, type: definition.Type, properties, ...identity };
    inProgress.delete(logicalId);
    loaded.set(logicalId, result);
    return result;
  }

  function exists(condition: string | undefined, where: string): boolean {
    return condition === undefined || scopeAt(where).condition(condition);
  }

  for (const [logicalId, definition] of Object.entries(template.Resources)) {
    if (exists(definition.Condition, logicalId)) resource(logicalId, stackName);
  }
  const outputs = new Map<string, string>();
  const exports = new Map<string, string>();
  for (const [name, output] of Object.entries(template.Outputs ?? {})) {
    if (!exists(output.Condition, name)) continue;
    const value = String(evaluate(output.Value, scopeAt(name)));
    outputs.set(name, value);
    if (output.Export) exports.set(String(evaluate(output.Export.Name, scopeAt(name))), value);
  }
  return { name: stackName, resources: [...loaded.values()], outputs, exports };
}

/** A member the object itself has: a template must not reach `constructor` or `__proto__`. */
function own<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record && Object.hasOwn(record, key) ? record[key] : undefined;
}
