using Azure.Messaging.ServiceBus;

namespace Conformance;

public static class Sending
{
    [Scenario]
    public static async Task DeliversAMessageWithAllItsProperties(Bus bus)
    {
        var queue = bus.Queue();
        var id = Guid.NewGuid();
        await bus.Client.CreateSender(queue).SendMessageAsync(new ServiceBusMessage("text")
        {
            MessageId = "id", CorrelationId = "correlation", ContentType = "text/plain", Subject = "subject",
            To = "to", ReplyTo = "reply", ReplyToSessionId = "reply-session", PartitionKey = "key",
            TimeToLive = TimeSpan.FromMinutes(1),
            ApplicationProperties =
            {
                ["int"] = 1, ["long"] = 2L, ["double"] = 1.5, ["bool"] = true, ["text"] = "x", ["guid"] = id,
                ["decimal"] = 1.25m, ["time"] = DateTimeOffset.UnixEpoch, ["span"] = TimeSpan.FromSeconds(3),
                ["uri"] = new Uri("https://example.com/"),
            },
        });
        var message = await bus.Client.CreateReceiver(queue).Next();
        Expect.Equal("text", message.Body.ToString(), "body");
        Expect.Equal("id", message.MessageId, "message id");
        Expect.Equal("correlation", message.CorrelationId, "correlation id");
        Expect.Equal("text/plain", message.ContentType, "content type");
        Expect.Equal("subject", message.Subject, "subject");
        Expect.Equal("to", message.To, "to");
        Expect.Equal("reply", message.ReplyTo, "reply to");
        Expect.Equal("reply-session", message.ReplyToSessionId, "reply to session");
        Expect.Equal("key", message.PartitionKey, "partition key");
        Expect.Equal(TimeSpan.FromMinutes(1), message.TimeToLive, "time to live");
        Expect.Equal(1, message.DeliveryCount, "delivery count");
        Expect.Equal(1L, message.SequenceNumber, "sequence number");
        Expect.Equal(id, (Guid)message.ApplicationProperties["guid"], "guid");
        Expect.Equal(1.25m, (decimal)message.ApplicationProperties["decimal"], "decimal");
        Expect.Equal(TimeSpan.FromSeconds(3), (TimeSpan)message.ApplicationProperties["span"], "time span");
        Expect.Equal(new Uri("https://example.com/"), (Uri)message.ApplicationProperties["uri"], "uri");
    }
}
