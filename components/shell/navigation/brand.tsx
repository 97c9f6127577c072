/** Two signatures, one of them outstanding. */
export function Brand({ className }: { readonly className?: string }) {
  return (
    <span className={className}>
      <span className="inline-flex items-center gap-2 font-semibold tracking-tight">
        <svg
          aria-hidden="true"
          viewBox="0 0 24 24"
          width="20"
          height="20"
          fill="none"
          stroke="currentColor"
          strokeWidth="2.4"
          strokeLinecap="round"
          strokeLinejoin="round"
        >
          <path d="M3 8.5l4 4 6-8" />
          <path d="M11 16.5l3.5 3.5L21 11.5" className="text-accent" stroke="currentColor" />
        </svg>
        Countersign
      </span>
    </span>
  );
}
