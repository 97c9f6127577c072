/** What a copy shouts. The warden shows it in the console beside its own. */
export type AlarmCode = 'tampering' | 'head_refused' | 'secret_leaked' | 'target_unreachable';
