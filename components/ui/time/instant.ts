/** The instant in full and in UTC: the same words on every machine. */
export function absolute(at: string): string {
  return `${new Date(at).toISOString().replace('T', ' ').replace('Z', '')} UTC`;
}
