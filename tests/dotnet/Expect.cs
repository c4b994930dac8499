namespace Conformance;

/// <summary>What a scenario expected and did not find.</summary>
public sealed class Unmet(string message) : Exception(message);

public static partial class Expect
{
    public static void Equal<T>(T expected, T actual, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
            throw new Unmet($"{what}: expected '{expected}', got '{actual}'");
    }

    public static void Sequence<T>(IEnumerable<T> expected, IEnumerable<T> actual, string what) =>
        Equal(string.Join(", ", expected), string.Join(", ", actual), what);

    public static void True(bool condition, string what)
    {
        if (!condition) throw new Unmet(what);
    }

    public static async Task<TException> Throws<TException>(Func<Task> action, string what)
        where TException : Exception
    {
        try
        {
            await action();
        }
        catch (TException error)
        {
            return error;
        }
        catch (Exception error)
        {
            throw new Unmet($"{what}: expected {typeof(TException).Name}, got {error.GetType().Name}: {error.Message}");
        }
        throw new Unmet($"{what}: nothing was thrown");
    }
}
