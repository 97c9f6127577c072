/** What is known of a key's hardware, in the words of every page. `hardware` stands in what was signed before it was verified. */
const WORDS: Readonly<Record<string, string>> = {
  attested: 'hardware key, proven by its maker',
  claimed: 'hardware key by its own word, proven by nobody',
  hardware: 'hardware key by its own word, proven by nobody',
  synced: 'synced passkey: not for production',
};

export const keyClassWords = (kind: string): string => WORDS[kind] ?? kind;
