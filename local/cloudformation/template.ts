/** Any value of a template, before or after its intrinsics are resolved. */
export type TemplateValue =
  | string
  | number
  | boolean
  | null
  | readonly TemplateValue[]
  | { readonly [key: string]: TemplateValue };

export type TemplateObject = { readonly [key: string]: TemplateValue };

/** A packaged CloudFormation template, as far as the stack reads it. */
export interface Template {
  readonly Parameters?: Readonly<Record<string, ParameterTemplate>>;
  readonly Mappings?: TemplateObject;
  readonly Conditions?: TemplateObject;
  readonly Resources: Readonly<Record<string, ResourceTemplate>>;
  readonly Outputs?: Readonly<Record<string, OutputTemplate>>;
  readonly Transform?: unknown;
}

export interface ParameterTemplate {
  readonly Type: string;
  readonly Default?: string | number;
  readonly AllowedValues?: readonly (string | number)[];
}

export interface ResourceTemplate {
  readonly Type: string;
  readonly Properties?: TemplateObject;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
}

export interface OutputTemplate {
  readonly Value: TemplateValue;
  readonly Export?: { readonly Name: TemplateValue };
  readonly Condition?: string;
}

/** A resource whose properties hold no intrinsics any more. */
export interface LoadedResource {
  readonly stackName: string;
  readonly logicalId: string;
  readonly type: string;
  readonly properties: TemplateObject;
  /** What `Ref` gives: a name, a URL or an ARN, depending on the type. */
  readonly ref: string;
  /** What `Fn::GetAtt` gives, by attribute. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** One template, evaluated. */
export interface LoadedStack {
  readonly name: string;
  /** Each behind everything it refers to or depends on. */
  readonly resources: readonly LoadedResource[];
  readonly outputs: ReadonlyMap<string, string>;
  readonly exports: ReadonlyMap<string, string>;
}

/** Where the templates are deployed to: the embedded stack's stand-in for an account and a region. */
export interface StackEnvironment {
  readonly accountId: string;
  readonly region: string;
  /** Base of queue URLs, which carry the endpoint. */
  readonly endpointUrl: string;
  /** Where the HTTP API is. Default: as AWS, `https://<id>.execute-api…`. */
  readonly apiUrl?: string;
  /** What `AWS::SSM::Parameter::Value<String>` and `{{resolve:ssm:…}}` find, by parameter name. */
  readonly ssmParameters: Readonly<Record<string, string>>;
}

export function isObject(value: unknown): value is TemplateObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
