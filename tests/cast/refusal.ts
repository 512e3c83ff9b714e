/** What a client of Azure's SDK says of a call that must fail, as JSON can carry it; says so where the call did not fail. */
export async function failure(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work();
    return { message: "it did not fail" };
  } catch (error) {
    const { statusCode, code, message } = error as { statusCode?: number; code?: string; message: string };
    return { statusCode, code, message };
  }
}
