using Azure.Messaging.ServiceBus;

namespace Conformance;

public static class InSessions
{
    static Task Send(Bus bus, string queue, params (string session, string body)[] messages) =>
        bus.Client.CreateSender(queue).SendMessagesAsync(messages.Select(m => new ServiceBusMessage(m.body) { SessionId = m.session }));

    [Scenario]
    public static async Task ASessionIsAcceptedByItsId(Bus bus)
    {
        var queue = bus.Queue("sessions");
        await Send(bus, queue, ("a", "1"), ("b", "2"), ("a", "3"));
        var session = await bus.Client.AcceptSessionAsync(queue, "a");
        Expect.Equal("a", session.SessionId, "session");
        Expect.Equal("1", (await session.Next()).Body.ToString(), "first");
        Expect.Equal("3", (await session.Next()).Body.ToString(), "second");
        Expect.True(session.SessionLockedUntil > DateTimeOffset.UtcNow, "the session is not locked");
        await session.ExpectNothing();
    }

    [Scenario]
    public static async Task TheNextSessionIsAccepted(Bus bus)
    {
        var queue = bus.Queue("sessions");
        await Send(bus, queue, ("a", "1"), ("b", "2"));
        var first = await bus.Client.AcceptNextSessionAsync(queue);
        var second = await bus.Client.AcceptNextSessionAsync(queue);
        Expect.Sequence(["a", "b"], new[] { first.SessionId, second.SessionId }.Order(), "sessions");
    }

    [Scenario]
    public static async Task WaitingForASessionEnds(Bus bus)
    {
        var client = bus.Connect(new ServiceBusClientOptions());
        using var cancelled = new CancellationTokenSource(1500);
        await Expect.Throws<TaskCanceledException>(() => client.AcceptNextSessionAsync(bus.Queue("sessions"), cancellationToken: cancelled.Token), "accept");
    }

    [Scenario]
    public static async Task AHeldSessionCannotBeLocked(Bus bus)
    {
        var queue = bus.Queue("sessions");
        await bus.Client.AcceptSessionAsync(queue, "a");
        var error = await Expect.Throws<ServiceBusException>(() => bus.Client.AcceptSessionAsync(queue, "a"), "accept");
        Expect.Equal(ServiceBusFailureReason.SessionCannotBeLocked, error.Reason, "reason");
    }

    [Scenario]
    public static async Task AClosedSessionIsFree(Bus bus)
    {
        var queue = bus.Queue("sessions");
        await Send(bus, queue, ("a", "1"));
        var first = await bus.Client.AcceptSessionAsync(queue, "a");
        await first.Next();
        await first.CloseAsync();
        var second = await bus.Client.AcceptSessionAsync(queue, "a");
        Expect.Equal("1", (await second.Next()).Body.ToString(), "body");
    }

    [Scenario]
    public static async Task ASessionHasState(Bus bus)
    {
        var queue = bus.Queue("sessions");
        var session = await bus.Client.AcceptSessionAsync(queue, "a");
        Expect.True(await session.GetSessionStateAsync() is null, "there is state");
        await session.SetSessionStateAsync(new BinaryData("half way"));
        Expect.Equal("half way", (await session.GetSessionStateAsync()).ToString(), "state");
        await session.SetSessionStateAsync(null);
        Expect.True(await session.GetSessionStateAsync() is null, "the state is still there");
    }

    [Scenario]
    public static async Task ASessionLockIsRenewed(Bus bus)
    {
        var queue = bus.Queue("shortsessions");
        await Send(bus, queue, ("a", "1"));
        var session = await bus.Client.AcceptSessionAsync(queue, "a");
        var message = await session.Next();
        await Task.Delay(3000);
        await session.RenewSessionLockAsync();
        await Task.Delay(3000);
        await session.CompleteMessageAsync(message);
    }

    [Scenario]
    public static async Task ALostSessionLockIsTold(Bus bus)
    {
        var queue = bus.Queue("shortsessions");
        await Send(bus, queue, ("a", "1"));
        var session = await bus.Client.AcceptSessionAsync(queue, "a");
        var message = await session.Next();
        await Task.Delay(5700);
        var error = await Expect.Throws<ServiceBusException>(() => session.CompleteMessageAsync(message), "complete");
        Expect.Equal(ServiceBusFailureReason.SessionLockLost, error.Reason, "reason");
        error = await Expect.Throws<ServiceBusException>(() => session.RenewSessionLockAsync(), "renew");
        Expect.Equal(ServiceBusFailureReason.SessionLockLost, error.Reason, "reason of renewal");
        error = await Expect.Throws<ServiceBusException>(() => session.SetSessionStateAsync(new BinaryData("x")), "set state");
        Expect.Equal(ServiceBusFailureReason.SessionLockLost, error.Reason, "reason of state");
    }

    [Scenario]
    public static async Task AMessageWithoutSessionIsRefused(Bus bus)
    {
        var queue = bus.Queue("sessions");
        await Expect.Throws<InvalidOperationException>(() => bus.Client.CreateSender(queue).SendMessageAsync(new ServiceBusMessage("a")), "send");
        await Expect.Throws<InvalidOperationException>(() => bus.Client.CreateSender(queue).SendMessageAsync(new ServiceBusMessage("a") { SessionId = "" }), "send with an empty id");
    }

    [Scenario]
    public static async Task AReceiverWithoutSessionIsRefused(Bus bus) =>
        await Expect.Throws<InvalidOperationException>(() => bus.Client.CreateReceiver(bus.Queue("sessions")).ReceiveMessageAsync(), "receive");

    [Scenario]
    public static async Task DeferredMessagesOfASessionAreReceived(Bus bus)
    {
        var queue = bus.Queue("sessions");
        await Send(bus, queue, ("a", "1"));
        var session = await bus.Client.AcceptSessionAsync(queue, "a");
        var message = await session.Next();
        await session.DeferMessageAsync(message);
        var deferred = await session.ReceiveDeferredMessageAsync(message.SequenceNumber);
        await session.CompleteMessageAsync(deferred);
        Expect.True(await session.PeekMessageAsync() is null, "the session is not empty");
    }

    [Scenario]
    public static async Task PeekingInASessionSeesItAlone(Bus bus)
    {
        var queue = bus.Queue("sessions");
        await Send(bus, queue, ("a", "1"), ("b", "2"), ("a", "3"));
        var session = await bus.Client.AcceptSessionAsync(queue, "a");
        Expect.Sequence(["1", "3"], (await session.PeekMessagesAsync(10)).Select(m => m.Body.ToString()), "bodies");
    }
}
