import { BootError } from '../stack/boot-error.ts';

/** The properties of an `AWS::DynamoDB::Table`, intrinsics resolved. */
export interface TableDefinition {
  readonly TableName: string;
  readonly KeySchema: readonly KeyElement[];
  readonly AttributeDefinitions: readonly object[];
  readonly GlobalSecondaryIndexes?: readonly IndexDefinition[];
  readonly LocalSecondaryIndexes?: readonly IndexDefinition[];
  readonly TimeToLiveSpecification?: TimeToLive;
}

interface KeyElement {
  readonly AttributeName: string;
  readonly KeyType: string;
}

interface IndexDefinition {
  readonly IndexName: string;
  readonly KeySchema: readonly KeyElement[];
  readonly Projection: object;
}

export interface TimeToLive {
  readonly AttributeName?: string;
  readonly Enabled: boolean | string;
}

/**
 * The CreateTable call for a template's table. Every table is on demand: local throughput has no
 * price. Of the rest dynalite knows nothing, and none of it changes what an application reads:
 * point-in-time recovery, encryption, tags, deletion protection.
 * @throws BootError `UnsupportedProperty` for streams, which would feed functions
 */
export function createTableInput(definition: TableDefinition): object {
  if ('StreamSpecification' in definition) {
    throw new BootError(
      'UnsupportedProperty',
      `Table ${definition.TableName}: the embedded stack has no DynamoDB streams.`,
    );
  }
  return {
    TableName: definition.TableName,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: definition.KeySchema,
    AttributeDefinitions: definition.AttributeDefinitions,
    ...indexes('GlobalSecondaryIndexes', definition.GlobalSecondaryIndexes),
    ...indexes('LocalSecondaryIndexes', definition.LocalSecondaryIndexes),
  };
}

function indexes(name: string, definitions: readonly IndexDefinition[] = []): object {
  if (definitions.length === 0) return {};
  return {
    [name]: definitions.map(({ IndexName, KeySchema, Projection }) => ({
      IndexName,
      KeySchema,
      Projection,
    })),
  };
}

/** Two tables of one name whose keys or indexes differ cannot hold the same items. */
export function sameShape(left: TableDefinition, right: TableDefinition): boolean {
  return shape(left) === shape(right);
}

function shape(table: TableDefinition): string {
  const keys = (schema: readonly KeyElement[]) =>
    schema.map(({ AttributeName, KeyType }) => `${KeyType} ${AttributeName}`).sort();
  const all = [...(table.GlobalSecondaryIndexes ?? []), ...(table.LocalSecondaryIndexes ?? [])];
  const byName = all.map((index) => `${index.IndexName}: ${keys(index.KeySchema)}`).sort();
  return JSON.stringify([keys(table.KeySchema), byName]);
}
