/**
 * A variable that the template sets.
 * @throws Error naming the variable: a function without it was deployed from a broken template
 */
export function requiredVariable(name: string): string {
  const value = process.env[name];
  if (!value)
    throw new Error(`The environment variable ${name} is missing: see the serverless.yml.`);
  return value;
}

/** A whole number that the template may set. @throws Error naming the variable */
export function numberVariable(name: string, fallback: number): number {
  const value = Number(process.env[name] ?? fallback);
  if (!Number.isInteger(value) || value < 0) {
    throw new Error(
      `The environment variable ${name} must be a whole number: see the serverless.yml.`,
    );
  }
  return value;
}

export const environment = {
  tableName: () => requiredVariable('TABLE_NAME'),
  bucketName: () => requiredVariable('BUCKET_NAME'),
  busName: () => requiredVariable('BUS_NAME'),
  /** Where finished clips go that cannot be uploaded. Only the embedded stack has one. */
  failedUploadsFolder: () => process.env.FAILED_UPLOADS_DIR || undefined,
  failedUploadsBucket: () => process.env.FAILED_UPLOADS_BUCKET || requiredVariable('BUCKET_NAME'),
};
