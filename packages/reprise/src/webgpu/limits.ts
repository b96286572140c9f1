// Which of a device's limits matter to the core.

/** Raised to the adapter's, since large weights need them. */
export const raisedLimits = ['maxBufferSize', 'maxStorageBufferBindingSize'] as const;

const coreLimitNames = [...raisedLimits, 'maxComputeWorkgroupsPerDimension'] as const;
type CoreLimits = Record<(typeof coreLimitNames)[number], number>;

/** What reprise_device_open and reprise_estimate_memory take. */
export function coreLimits(limits: Readonly<CoreLimits>): CoreLimits {
  return Object.fromEntries(coreLimitNames.map((name) => [name, limits[name]])) as CoreLimits;
}
