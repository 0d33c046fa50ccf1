import { loadAwsServiceSpec } from '@aws-cdk/aws-service-spec';
import type { Property, PropertyType, SpecDatabase } from '@aws-cdk/service-spec-types';

/** Properties that any object of the type `tag` has. */
const TAG_PROPERTIES: Record<string, Property> = {
  Key: { type: { type: 'string' }, required: true },
  Value: { type: { type: 'string' }, required: true },
};

/**
 * Checks resources against CloudFormation's own schemas, at every level: known names, required
 * properties, types and enumerations. Intrinsic functions pass for any type.
 */
export class CloudFormationSchema {
  private constructor(private readonly spec: SpecDatabase) {}

  static async load(): Promise<CloudFormationSchema> {
    return new CloudFormationSchema(await loadAwsServiceSpec());
  }

  /** @returns what is wrong, each with its path; nothing when the resource is valid */
  problems(type: string, properties: unknown): string[] {
    const [resource] = this.spec.lookup('resource', 'cloudFormationType', 'equals', type);
    if (!resource) return [`CloudFormation knows no resource type ${type}`];
    return this.object(resource.properties, properties ?? {}, type);
  }

  private object(schema: Record<string, Property>, value: unknown, path: string): string[] {
    if (!isObject(value)) return [`${path} must be an object`];
    return [
      ...Object.keys(value)
        .filter((name) => !Object.hasOwn(schema, name))
        .map((name) => `${path}.${name} is unknown`),
      ...Object.entries(schema).flatMap(([name, property]) => {
        if (value[name] !== undefined) return this.value(property, value[name], `${path}.${name}`);
        return property.required ? [`${path}.${name} is missing`] : [];
      }),
    ];
  }

  /** The schemas keep the types a property has had before: any of them will do. */
  private value(property: Property, value: unknown, path: string): string[] {
    return this.oneOf([property.type, ...(property.previousTypes ?? [])], value, path);
  }

  private oneOf(types: readonly PropertyType[], value: unknown, path: string): string[] {
    const attempts = types.map((type) => this.typed(type, value, path));
    return attempts.find((problems) => problems.length === 0) ?? attempts[0] ?? [];
  }

  private typed(type: PropertyType, value: unknown, path: string): string[] {
    if (isIntrinsic(value)) return [];
    switch (type.type) {
      case 'ref':
        return this.object(this.spec.get('typeDefinition', type.reference).properties, value, path);
      case 'tag':
        return this.object(TAG_PROPERTIES, value, path);
      case 'union':
        return this.oneOf(type.types, value, path);
      case 'array':
        if (!Array.isArray(value)) return [`${path} must be a list`];
        return value.flatMap((item, index) => this.typed(type.element, item, `${path}[${index}]`));
      case 'map':
        if (!isObject(value)) return [`${path} must be an object`];
        return Object.entries(value).flatMap(([key, item]) =>
          this.typed(type.element, item, `${path}.${key}`),
        );
      case 'string':
      case 'integer': {
        const allowed: readonly unknown[] | undefined = type.allowedValues;
        if (allowed && !allowed.includes(value)) return [`${path} must be one of ${allowed}`];
        return hasPrimitiveType(type.type, value) ? [] : [`${path} must be a ${type.type}`];
      }
      default:
        return hasPrimitiveType(type.type, value) ? [] : [`${path} must be a ${type.type}`];
    }
  }
}

function hasPrimitiveType(type: string, value: unknown): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'date-time':
      return typeof value === 'string';
    case 'json':
      return isObject(value) || Array.isArray(value);
    case 'null':
      return value === null;
    default:
      return typeof value === type;
  }
}

function isIntrinsic(value: unknown): boolean {
  const [name, ...others] = isObject(value) ? Object.keys(value) : [];
  return others.length === 0 && (name === 'Ref' || (name?.startsWith('Fn::') ?? false));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
