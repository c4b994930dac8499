namespace Conformance;

public static partial class Expect
{
    /// <summary>Polls until the condition holds, for at most twenty seconds.</summary>
    public static async Task Eventually(Func<Task<bool>> condition, string what)
    {
        var deadline = DateTime.UtcNow.AddSeconds(20);
        while (!await condition())
        {
            if (DateTime.UtcNow > deadline) throw new Unmet($"{what}: it did not happen");
            await Task.Delay(20);
        }
    }
}
